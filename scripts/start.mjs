/**
 * @file `npm start`: trains on the photographs that are named (`npm start -- --train DIR --val DIR --labels CSV
 * --out DIR`), else on drawn ones.
 */

const command = process.argv.includes('--train') ? 'train' : 'demo';
process.argv.splice(2, 0, command);
await import('../dist/cli.js');
