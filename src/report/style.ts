/**
 * @file How a report looks: light and dark by what the reader prefers, in columns where there is room, black on white on paper.
 */

/** The style sheet. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f6f3; --card: #ffffff; --ink: #23262b; --muted: #6b6f76; --line: #e3e1db;
  --cool: #2f6f9f; --warm: #c8643c; --calm: #4d8a6a; --violet: #7a5ea8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --card: #1e2125; --ink: #e4e3df; --muted: #9a9da3; --line: #33373d;
    --cool: #6fb0dd; --warm: #e8946f; --calm: #82c3a0; --violet: #b59be0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; font-weight: 600; letter-spacing: -0.01em; }
h2 { font-size: 1.2rem; margin: 3rem 0 0.75rem; font-weight: 600; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; font-weight: 600; }
p { margin: 0.5rem 0; max-width: 44rem; }
.muted, figcaption, .note { color: var(--muted); }
.note { font-size: 0.9rem; }
.warning { border-left: 3px solid var(--warm); padding: 0.25rem 0 0.25rem 0.9rem; margin: 1.25rem 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1.75rem 0 1rem; }
.tile, figure, .wide, .photograph { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 0.85rem 1rem; }
.tile b { display: block; font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.25; }
.tile span { display: block; color: var(--muted); font-size: 0.85rem; line-height: 1.35; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1rem; margin: 1rem 0; }
figure { margin: 0; padding: 1rem 1rem 0.85rem; break-inside: avoid; }
figure h3 { margin: 0 0 0.25rem; }
figcaption { font-size: 0.85rem; line-height: 1.45; margin-top: 0.4rem; }
figcaption .key { margin-right: 0.6em; }
svg.chart { display: block; width: 100%; height: auto; color: var(--muted); }
svg.chart text { white-space: pre; }
.key { white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: 0.7em; height: 0.7em; border-radius: 50%; background: var(--color); margin-right: 0.35em; }
.wide {
  overflow-x: auto; margin: 1rem 0;
  /* A shadow at the edge beyond which there is more; what lies over it scrolls with the table. */
  background:
    linear-gradient(to right, var(--card) 40%, transparent) left / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--card) 40%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / 0.8rem 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) right / 0.8rem 100% no-repeat scroll,
    var(--card);
}
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { padding: 0.5rem 0.85rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
thead th { color: var(--muted); font-weight: 500; font-size: 0.82rem; vertical-align: bottom; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
figure .wide { border: 0; margin: 0.25rem 0; border-radius: 0; }
td.name { overflow-wrap: anywhere; }
.photographs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 1rem; margin: 1rem 0; }
.photograph { padding: 0.75rem; break-inside: avoid; font-size: 0.88rem; line-height: 1.4; }
.photograph .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.4rem; }
.photograph img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 6px; display: block; background: #000; }
.photograph b { display: block; margin-top: 0.5rem; overflow-wrap: anywhere; font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: 0.3rem 1.25rem; margin: 0.5rem 0; font-size: 0.9rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.85rem; }
@media (max-width: 34rem) {
  main { padding: 1.5rem 0.9rem 3rem; }
  h1 { font-size: 1.5rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  figure { padding: 0.8rem 0.6rem 0.75rem; }
  th, td { padding: 0.45rem 0.6rem; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --muted: #444; --line: #ccc;
    --cool: #1f5f8f; --warm: #b3502a; --calm: #2f6f4d; --violet: #64489a;
  }
  @page { margin: 16mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  h2 { margin-top: 1.75rem; }
  .warning { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; gap: 0.6rem; }
  figure { padding: 0.6rem 0.8rem; }
  /* Two rows of them fit on the first page, below the figures. */
  svg.chart { max-height: 52mm; }
  .photographs { grid-template-columns: repeat(3, 1fr); gap: 0.6rem; }
  dl { break-before: avoid; }
  .wide { overflow: visible; border: 0; border-radius: 0; background: none; }
  th, td { padding: 0.3rem 0.7rem; }
  tr { break-inside: avoid; }
  /* A table breaks where it is long, and leaves no row alone, nor its note. */
  thead, tbody tr:first-child, tbody tr:nth-last-child(2) { break-after: avoid; }
  .wide + .note { break-before: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
