/**
 * @file Objects that are called as functions: `model(x)`.
 */

/**
 * A class whose instances are functions. What they have is what their class gives them and nothing of a function, so that a
 * property of theirs may be called `name` or `length`.
 */
export abstract class Callable<Inputs extends readonly unknown[], Output> {
  /** @param call what a call of `self` does */
  constructor(call: (self: object, inputs: Inputs) => Output) {
    const self = (...inputs: Inputs) => call(self, inputs);
    Object.setPrototypeOf(self, new.target.prototype);
    Reflect.deleteProperty(self, 'name');
    Reflect.deleteProperty(self, 'length');
    // biome-ignore lint/correctness/noConstructorReturn: the function takes the place of the object.
    return self as unknown as this;
  }
}
