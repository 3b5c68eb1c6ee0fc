export { EMOTIONS, type Emotion } from './actions.js';
export { drawFaces, type DrawOptions } from './draw.js';
export { writeDrawnFaces, type WriteDrawnOptions } from './write.js';
