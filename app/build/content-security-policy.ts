/**
 * @file What the built page may load and reach: its own origin, nothing else. The same in the page, for any static host, and in
 * the header that `fovea app` sends (`src/cli/app.ts`).
 */

import type { Plugin } from 'vite';
import { CONTENT_SECURITY_POLICY } from '../../src/cli/app-policy.ts';

/** Puts the policy into the built page; Vite's development server needs scripts of its own. */
export const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
      injectTo: 'head-prepend',
    },
  ],
};
