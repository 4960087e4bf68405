/**
 * @file fast-check as a mutant needs it: it draws the same values each time, and does not shrink, since one failure is
 * enough.
 */

import fc from 'fast-check';

fc.configureGlobal({ seed: 1, endOnFailure: true });
