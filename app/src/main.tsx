import { render } from 'preact';
import './shell/style.css';
import { openDevice } from './shell/device.ts';
import { refuseStrayDrops } from './shell/drops.ts';
import { Frame } from './shell/frame.tsx';

const root = document.getElementById('app');
if (root) render(<Frame />, root);
refuseStrayDrops();
if (navigator.gpu) void openDevice();
// The development server's files change all the time.
if (import.meta.env.PROD) navigator.serviceWorker?.register('./service-worker.js').catch(() => {});
