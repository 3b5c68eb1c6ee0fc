import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { RunRecord } from '../engine/job.js';

/** Seconds, from a small face on a fast machine to the default timeout. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];
const BATCH = [1, 2, 4, 8, 16, 32, 64, 128];

/** The figures of one server, for Prometheus. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests: Counter<'route' | 'method' | 'status'>;
  private readonly requestSeconds: Histogram<'route'>;
  private readonly pictures: Counter<'model' | 'outcome'>;
  private readonly batch: Histogram<'model'>;
  private readonly runSeconds: Histogram<'model'>;
  private readonly crashes: Counter;

  /** @param waiting pictures accepted and not yet answered */
  constructor(waiting: () => number) {
    const registers = [this.registry];
    const labelled = <const L extends string>(name: string, help: string, labelNames: readonly L[]) => ({
      ...{ name, help, labelNames, registers },
    });
    this.requests = new Counter(
      labelled('mien_http_requests_total', 'Requests answered', ['route', 'method', 'status']),
    );
    this.requestSeconds = new Histogram({
      ...labelled('mien_http_request_seconds', 'Time from a request to its answer', ['route']),
      buckets: SECONDS,
    });
    this.pictures = new Counter(
      labelled('mien_pictures_total', 'Pictures, by what became of them', ['model', 'outcome']),
    );
    this.batch = new Histogram({
      ...labelled('mien_batch_faces', 'Faces in one run of a network', ['model']),
      buckets: BATCH,
    });
    this.runSeconds = new Histogram({
      ...labelled('mien_run_seconds', 'Time of one run of a network', ['model']),
      buckets: SECONDS,
    });
    this.crashes = new Counter({ name: 'mien_engine_crashes_total', help: 'Engine threads lost', registers });
    const collect = function (this: Gauge) {
      this.set(waiting());
    };
    new Gauge({
      ...{
        name: 'mien_pictures_waiting',
        help: 'Pictures accepted and not yet answered',
        registers,
        collect,
      },
    });
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  request(route: string, method: string, status: number, seconds: number): void {
    this.requests.inc({ route, method, status });
    this.requestSeconds.observe({ route }, seconds);
  }

  picture(model: string, outcome: string): void {
    this.pictures.inc({ model, outcome });
  }

  run({ model, faces, seconds }: RunRecord): void {
    this.batch.observe({ model }, faces);
    this.runSeconds.observe({ model }, seconds);
  }

  crash(): void {
    this.crashes.inc();
  }
}
