import { InputError, messageOf } from '../../core/errors.js';
import { load, type Mien, type Prediction } from '../load.js';
import type { LoadOptions } from '../options.js';
import { FRAME, type CameraView } from './view.js';

/** Shortest time between two announcements, milliseconds. */
const ANNOUNCE = 2000;
/** Shortest time between two predictions unless the attribute `interval` says it, milliseconds. */
const INTERVAL = 100;

/** What `<mien-camera>` does, apart from the element itself. */
export class CameraController {
  private mien: Promise<Mien> | undefined;
  private stream: MediaStream | undefined;
  /** Counts starts and stops: a start that was overtaken gives up. */
  private turn = 0;
  private announced = { text: '', at: -Infinity };

  constructor(
    private readonly host: HTMLElement,
    private readonly view: CameraView,
  ) {
    view.button.addEventListener('click', () => void this.toggle());
    this.label();
  }

  get running(): boolean {
    return this.stream !== undefined;
  }

  /** Switches the camera off and frees the model. */
  close(): void {
    this.stop();
    const { mien } = this;
    this.mien = undefined;
    void mien?.then((loaded) => loaded.close()).catch(() => undefined);
  }

  label(): void {
    const [name, text] = this.running ? ['stop-label', 'Stop camera'] : ['start-label', 'Start camera'];
    this.view.button.textContent = this.host.getAttribute(name) ?? text;
  }

  async start(): Promise<void> {
    if (this.running) return;
    const turn = ++this.turn;
    try {
      this.view.announce('Starting');
      const camera = openCamera();
      const [mien, stream] = await Promise.all([this.loaded(), camera]).catch((error: unknown) => {
        // The camera may open after the model has failed; nobody would switch it off.
        void camera.then(endStream, () => undefined);
        throw error;
      });
      if (turn !== this.turn) {
        endStream(stream);
        return;
      }
      this.stream = stream;
      this.view.video.srcObject = stream;
      await this.view.video.play();
      this.label();
      this.view.showClasses(mien.classes);
      void this.watch(mien, turn);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
      throw error;
    }
  }

  stop(): void {
    this.turn++;
    if (this.stream === undefined) return;
    endStream(this.stream);
    this.stream = undefined;
    this.view.video.srcObject = null;
    this.view.announce('Stopped');
    this.label();
  }

  private async toggle(): Promise<void> {
    if (this.running) this.stop();
    else await this.start().catch(() => undefined);
  }

  private loaded(): Promise<Mien> {
    this.mien ??= load(optionsOf(this.host)).catch((error: unknown) => {
      this.mien = undefined;
      throw error;
    });
    return this.mien;
  }

  /** Predicts frame after frame until another start or stop. */
  private async watch(mien: Mien, turn: number): Promise<void> {
    try {
      while (turn === this.turn) {
        const begun = performance.now();
        const prediction = await predictMiddle(mien, this.view.video);
        if (turn !== this.turn) return;
        this.report(prediction);
        await pause(Math.max(0, begun + numberOf(this.host, 'interval', INTERVAL) - performance.now()));
      }
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  private report(prediction: Prediction): void {
    this.view.show(prediction);
    const now = performance.now();
    if (prediction.class !== this.announced.text && now - this.announced.at > ANNOUNCE) {
      this.announced = { text: prediction.class, at: now };
      this.view.announce(prediction.class);
    }
    this.host.dispatchEvent(
      new CustomEvent('expression', { detail: prediction, bubbles: true, composed: true }),
    );
  }

  private fail(error: unknown): void {
    this.stop();
    this.view.announce(messageOf(error));
    this.host.dispatchEvent(new CustomEvent('error', { detail: error }));
  }
}

function optionsOf(element: HTMLElement): LoadOptions {
  const [model, wasmPaths, onnxruntime] = ['model', 'wasm-paths', 'onnxruntime'].map((name) =>
    element.getAttribute(name),
  );
  if (model === null || model === undefined)
    throw new InputError({
      where: 'mien-camera',
      received: 'no attribute model',
      expected: 'the URL of a model',
    });
  return {
    ...{ model, threads: numberOf(element, 'threads', 1) },
    device: element.getAttribute('device') === 'webgpu' ? 'webgpu' : 'wasm',
    ...(typeof wasmPaths === 'string' ? { wasmPaths } : {}),
    ...(typeof onnxruntime === 'string' ? { onnxruntime } : {}),
  };
}

function numberOf(element: HTMLElement, name: string, usual: number): number {
  const value = Number(element.getAttribute(name) ?? usual);
  return Number.isFinite(value) && value >= 0 ? value : usual;
}

async function openCamera(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' } });
  } catch (error) {
    throw new InputError(
      {
        where: 'mien-camera',
        received: `no camera (${messageOf(error)})`,
        expected: 'one, and the permission to use it',
      },
      { cause: error },
    );
  }
}

function endStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The expression in the middle square of a video. */
async function predictMiddle(mien: Mien, video: HTMLVideoElement): Promise<Prediction> {
  const { videoWidth: width, videoHeight: height } = video;
  const side = Math.round(FRAME * Math.min(width, height));
  const face = await createImageBitmap(
    video,
    Math.round((width - side) / 2),
    Math.round((height - side) / 2),
    side,
    side,
  );
  try {
    return await mien.predict(face);
  } finally {
    face.close();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
