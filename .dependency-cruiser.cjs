/** Who may import whom; see docs/architecture.md. Each row: folder, and the folders it may use beside itself. */
const layers = {
  core: [],
  onnx: ['core'],
  ops: ['core', 'onnx'],
  autodiff: ['core', 'onnx', 'ops'],
  lower: ['core', 'onnx', 'ops'],
  layers: ['core', 'onnx', 'ops'],
  models: ['core', 'onnx', 'ops', 'layers', 'data'],
  data: ['core'],
  runtime: ['core'],
  predict: ['core', 'onnx', 'ops', 'lower', 'models', 'data', 'runtime'],
  train: ['core', 'onnx', 'ops', 'autodiff', 'lower', 'layers', 'models', 'data', 'runtime', 'predict'],
  evaluate: ['core', 'models', 'data', 'runtime'],
  export: ['core', 'onnx', 'ops', 'lower', 'layers', 'models'],
  live: ['core', 'onnx', 'ops', 'lower', 'layers', 'models', 'data', 'runtime', 'predict', 'export'],
  explain: ['core', 'onnx', 'ops', 'autodiff', 'lower', 'layers', 'models', 'data', 'runtime', 'predict'],
  jobs: [
    'core',
    'onnx',
    'ops',
    'autodiff',
    'lower',
    'layers',
    'models',
    'data',
    'runtime',
    'train',
    'evaluate',
    'export',
    'predict',
    'live',
    'explain',
  ],
  web: ['core', 'onnx', 'models', 'data', 'export', 'predict', 'runtime'],
  serve: ['core', 'onnx', 'models', 'data', 'runtime', 'predict', 'jobs'],
  studio: ['core', 'models', 'data', 'runtime', 'train', 'predict', 'evaluate', 'export', 'explain', 'jobs', 'serve'],
};

const direction = Object.entries(layers).map(([from, to]) => ({
  name: `direction-${from}`,
  severity: 'error',
  comment:
    'Arrows run one way: core <- onnx <- ops <- models <- train, evaluate, export, predict <- jobs <- index <- apps.',
  from: { path: `^src/${from}/`, pathNot: ['\\.test\\.ts$', '/testing/'] },
  to: { path: '^(src|apps)/', pathNot: [`^src/(${[from, ...to].join('|')})/`] },
}));

module.exports = {
  forbidden: [
    ...direction,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'apps-use-the-public-api',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^src/', pathNot: '^src/(index|node|server|web|web/worker-url|studio/api)\\.ts$' },
    },
    {
      name: 'the-page-is-no-server',
      severity: 'error',
      comment: "The studio's page runs in a browser: of the server it knows the types of answers only.",
      from: { path: '^apps/studio/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(index|web|web/worker-url|studio/api)\\.ts$' },
    },
    {
      name: 'one-importer-of-onnxruntime',
      severity: 'error',
      from: { path: '^(src|apps)/', pathNot: ['^src/runtime/(node|web)/', '/testing/', '\\.test\\.ts$'] },
      to: { path: 'onnxruntime-' },
    },
    {
      name: 'one-importer-of-koffi',
      severity: 'error',
      comment: 'Native calls stay behind the Session interface.',
      from: { path: '^(src|apps)/', pathNot: ['^src/runtime/hailo/'] },
      to: { path: 'node_modules/koffi' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
