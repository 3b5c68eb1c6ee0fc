import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { InputError, messageOf } from '../core/errors.js';
import { readTflite } from '../export/tflite/read/read-tflite.js';
import { BlazeFace, FULL_RANGE, SHORT_RANGE, type BlazeFaceRecord } from '../faces/blazeface.js';
import type { FaceDetector } from '../faces/face.js';
import { FaceFollower, takingSmallFaces } from '../faces/follow.js';
import { FaceSearch, type SearchNets, type SearchOptions } from '../faces/search.js';
import { parseSource } from '../live/sources/source-name.js';
import { lowerGraph } from '../lower/lower.js';
import { simplify } from '../lower/simplify.js';
import { encodeModel } from '../onnx/encode.js';
import type { Runtime, SessionOptions } from '../runtime/session.js';

/** The package that ships MediaPipe's detectors, Apache-2.0. Its code is not used, its model files are. */
const PACKAGE = '@mediapipe/face_detection';

/** What {@link openFaceDetector} may be told. */
export interface FaceDetectorOptions extends SearchOptions, SessionOptions {}

/**
 * Opens the detector of Mien: MediaPipe's two BlazeFace networks, read from their package and run by an engine for
 * ONNX models.
 *
 * @throws InputError when the package is missing
 * @example
 * const detector = await openFaceDetector(ortNode());
 * const faces = await detector.detect(await decodeImage(bytes, 'party.jpg'));
 */
export async function openFaceDetector(
  runtime: Runtime,
  options: FaceDetectorOptions = {},
): Promise<FaceDetector> {
  return new FaceSearch(await openNets(runtime, options), options);
}

/**
 * Opens Mien's detector for a stream: of unrelated pictures each is searched to the end; in a video or of a camera faces
 * are followed, and those below about an eighth of the frame may be missed. Pictures as small as cropped faces count as one
 * face each.
 *
 * @param source what `liveJob` takes
 * @throws InputError when the package or the source is missing
 * @example
 * const detector = await openLiveDetector('0', ortNode());
 */
export async function openLiveDetector(
  source: string,
  runtime: Runtime,
  options: FaceDetectorOptions = {},
): Promise<FaceDetector> {
  const unrelated = parseSource(source).kind === 'folder';
  const nets = await openNets(runtime, options);
  if (unrelated) return takingSmallFaces(new FaceSearch(nets, options));
  return takingSmallFaces(new FaceFollower(nets.short, new FaceSearch(nets, { finer: false, ...options })));
}

async function openNets(runtime: Runtime, options: SessionOptions): Promise<SearchNets> {
  const [short, full] = await Promise.all([
    openBlazeFace(runtime, SHORT_RANGE, options),
    openBlazeFace(runtime, FULL_RANGE, options),
  ]);
  return { short, full };
}

/** Opens one network, as MediaPipe runs it. @throws InputError when the package is missing */
export async function openBlazeFace(
  runtime: Runtime,
  record: BlazeFaceRecord,
  options: SessionOptions = {},
): Promise<BlazeFace> {
  const graph = lowerGraph(simplify(readTflite(readModel(record), record.file)), { kind: 'portable' });
  const session = await runtime.createSession(encodeModel(graph), options);
  return new BlazeFace(session, record, graph.inputs[0]?.name ?? '');
}

/** The bytes of a network's file, as they lie in its package. @throws InputError when the package is missing */
export function readModel({ file }: BlazeFaceRecord): Uint8Array {
  try {
    return readFileSync(createRequire(import.meta.url).resolve(`${PACKAGE}/${file}`));
  } catch (error) {
    throw new InputError(
      {
        where: 'face detector',
        received: `"${messageOf(error)}"`,
        expected: `the package ${PACKAGE} with its file ${file}`,
        remedy: 'install the package again',
      },
      { cause: error },
    );
  }
}
