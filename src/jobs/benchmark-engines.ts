import { messageOf } from '../core/errors.js';
import { litertNode } from '../runtime/node/litert.js';
import { ortNode } from '../runtime/node/ort.js';
import { ortWasm } from '../runtime/node/ort-web.js';
import type { Runtime } from '../runtime/session.js';
import type { BenchmarkEngine, BenchmarkEnvironment } from './benchmark.js';

/** Every engine that this machine has, and the names of those that it lacks. */
export async function benchmarkEngines(): Promise<BenchmarkEnvironment> {
  const runtime = ortNode();
  const engines: BenchmarkEngine[] = [1, 2].map((threads) => ({
    name: `ORT CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    format: 'onnx',
    runtime: withThreads(runtime, threads),
  }));
  const absent = ['WebGPU: Node has none.'];
  const web = await ortWasm();
  if (web === undefined) absent.push('ORT web: the package onnxruntime-web is not installed.');
  else engines.push({ name: 'ORT web, wasm', format: 'onnx', runtime: web });
  try {
    engines.push({ name: 'LiteRT, wasm', format: 'tflite', runtime: litertNode() });
  } catch (error) {
    absent.push(`LiteRT: ${messageOf(error)}`);
  }
  return { runtime, engines, absent };
}

function withThreads(runtime: Runtime, threads: number): Runtime {
  return { name: runtime.name, createSession: (model) => runtime.createSession(model, { threads }) };
}
