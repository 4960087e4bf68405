/**
 * @file How far a result may be from the exact one, as a share of its norm. A bound follows from what float32 and WGSL's rules
 * allow, and not from what some adapter was seen to do.
 *
 * A product or a sum in float32 rounds by at most one {@link UNIT} of its value. WGSL gives the accuracy of its functions in ULP, each
 * of two units: 2.5 for a division, 2 for an inverse root, 3 + 2·|x| for `exp(x)`. Rounding to f16, for comparison, is an error of
 * about 10⁻⁴, and whatever is left out or exchanged one of 10⁻² or more.
 */

/** The largest relative error of one rounding to float32. */
const UNIT = 2 ** -24;
/** As many times as large as an error is it may look in four products with random vectors. */
const ESTIMATE = 3;

/** Of what is moved or chosen, and never computed: less than one rounding, but more than the figures' ten digits leave open. */
export const EXACT = UNIT / 4;

/** Of so many operations in a row that each round once. */
export const rounded = (operations: number): number => ESTIMATE * operations * UNIT;

/** Of functions whose accuracies add up to so many ULP. */
export const withinUlp = (ulp: number): number => ESTIMATE * 2 * ulp * UNIT;

/**
 * Of sums of so many terms. Each addition rounds the sum so far, in a random direction; the mean square of that is a third of a unit's
 * square. Terms of both signs make partial sums that grow like √k, so that the squares add up to n²/6, and the error to 0.4·√n units of
 * the result; terms of one sign come to the same order. This is ten times as much, which leaves room for {@link ESTIMATE} and for
 * another order of the additions, and 4 units for what is done with the sum.
 */
export const summed = (terms: number): number => (4 + 4 * Math.sqrt(terms)) * UNIT;

/** Of sums of so many exponentials, such as a softmax has, or a logarithm of one. */
export const exponential = (terms: number): number => summed(terms) + withinUlp(12);
