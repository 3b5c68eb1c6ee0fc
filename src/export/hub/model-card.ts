import type { Preprocessing } from '../../core/preprocessing.js';
import type { Model } from '../../models/model.js';

/** The model card: what goes in, what comes out, how to run it. */
export function modelCard(
  { graph, origin }: Model,
  { preprocessing, classes }: { readonly preprocessing: Preprocessing; readonly classes: readonly string[] },
): string {
  const [height, width] = preprocessing.sourceSize;
  const said = Object.entries(origin).map(([name, value]) => `| ${name} | ${cell(value)} |`);
  return `---
library_name: transformers.js
pipeline_tag: image-classification
tags:
  - image-classification
  - facial-expression-recognition
---

# ${graph.name}

Tells which of ${classes.length} classes a picture of one face shows: ${classes.join(', ')}.

The networks in \`onnx/\` take \`pixel_values\` [N, 3, ${height}, ${width}], pixels 0..255, and answer \`logits\` [N, ${classes.length}];
${preprocessing.colour === 'grey' ? 'grey levels, ' : ''}resizing to ${preprocessing.inputSize.join('×')} and normalization happen inside. Cut the picture to the face first.

\`\`\`js
import { pipeline } from '@huggingface/transformers';

const classify = await pipeline('image-classification', '<this folder or repository>', { dtype: 'fp32' });
console.log(await classify('face.png'));
\`\`\`

| origin | |
| --- | --- |
${said.join('\n')}

Exported by Mien.
`;
}

function cell(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value))
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
}
