/** @file What the loss curve's SVG draws. */

/** The lines drawn in `color`, each `[x, y]` in pixels. */
export function linesIn(text: string, color: string): number[][][] {
  const paths = text.matchAll(new RegExp(`<path d="([^"]*)" fill="none" stroke="${color}"`, 'g'));
  return [...paths].flatMap(([, path]) =>
    path!
      .split('M')
      .slice(1)
      .map((part) =>
        part
          .replace('Z', '')
          .split('L')
          .map((point) => point.split(',').map(Number)),
      ),
  );
}
