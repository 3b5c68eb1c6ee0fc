/** Draws faces, trains on them, measures the model and uses it: what the command line does, from code. */
import {
  evaluateJob,
  ortNode,
  predictFiles,
  recipeOf,
  setInRecipe,
  train,
  writeDrawnFaces,
} from 'mienjs/node';

const [data, classes] = ['work/example/faces', ['happy', 'neutral', 'surprise']];
await writeDrawnFaces({ out: data, train: 60, test: 15, classes });

const recipe = { ...setInRecipe(recipeOf('drawn'), 'stages.*.epochs=2'), batchSize: 16, inputSize: 48 };
const { folder } = await train({ data, classes, recipe, weights: 'none', out: 'work/example/run' });

const { evaluation } = await evaluateJob({ model: folder.root, runtime: ortNode() });
console.log(`accuracy ${evaluation.accuracy.toFixed(3)} on ${evaluation.n} drawn faces`);

for await (const row of predictFiles({ model: folder.root, paths: [`${data}/test`], runtime: ortNode() })) {
  console.log(row.file, 'error' in row ? row.error : row.class);
}
