import type { Prediction } from '../load.js';
import { CameraController } from './controller.js';
import { buildView } from './view.js';

/** What the event `expression` carries. */
export type ExpressionDetail = Prediction;

/** `<mien-camera>`. */
export interface MienCameraElement extends HTMLElement {
  /** Whether the camera is on. */
  readonly running: boolean;
  /** Asks for the camera, loads the model the first time, and begins. @throws InputError without camera or model */
  start(): Promise<void>;
  /** Switches the camera off; the model stays loaded. */
  stop(): void;
}

/** The element's class, made when asked for: servers have no `HTMLElement`. */
export function cameraElement(): CustomElementConstructor {
  return class extends HTMLElement implements MienCameraElement {
    static readonly observedAttributes = ['start-label', 'stop-label'];
    private readonly camera = new CameraController(this, buildView(this.attachShadow({ mode: 'open' })));

    get running(): boolean {
      return this.camera.running;
    }

    connectedCallback(): void {
      if (this.hasAttribute('autostart')) void this.start().catch(() => undefined);
    }

    disconnectedCallback(): void {
      this.camera.close();
    }

    attributeChangedCallback(): void {
      this.camera.label();
    }

    start(): Promise<void> {
      return this.camera.start();
    }

    stop(): void {
      this.camera.stop();
    }
  };
}
