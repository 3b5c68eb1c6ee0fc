import autocannon from 'autocannon';

/** Figures of one side's turn. */
export interface LoadResult {
  /** Pictures answered with 200 in a second. */
  readonly perSecond: number;
  /** Milliseconds of the answers with 200 and with errors together. */
  readonly p50: number;
  readonly p99: number;
  readonly ok: number;
  /** 503 with Retry-After. */
  readonly busy: number;
  /** Every other answer, and broken connections. */
  readonly wrong: number;
}

/** What autocannon sends. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly body: Buffer;
  readonly type: string;
  /** Pictures in one body. */
  readonly pictures: number;
}

/** Sends one request after another on every connection for some seconds. */
export async function load({ url, connections, seconds, body, type, pictures }: Load): Promise<LoadResult> {
  const result = await autocannon({
    url: `${url}/v1/predict`,
    method: 'POST',
    headers: { 'content-type': type },
    body,
    connections,
    duration: seconds,
    timeout: 60,
  });
  const codes = Object.entries(result.statusCodeStats ?? {}).map(
    ([code, stats]) => [code, stats.count ?? 0] as const,
  );
  const count = (wanted: string) => codes.find(([code]) => code === wanted)?.[1] ?? 0;
  const all = codes.reduce((sum, [, n]) => sum + n, 0);
  return {
    perSecond: (count('200') * pictures) / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    ok: count('200'),
    busy: count('503'),
    wrong: all - count('200') - count('503') + result.errors,
  };
}
