/**
 * @file What the web application may load and reach: its own origin, nothing else.
 */

/** Photographs are shown from memory (`blob:`); everything else comes from where the page came from, and nothing goes elsewhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
