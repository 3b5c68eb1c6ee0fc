import { useCallback, useEffect, useState } from 'preact/hooks';

const API = '/studio/api';

/** Values of a request's query; undefined ones are left out. */
export type Params = Readonly<Record<string, string | number | undefined>>;

/** An address of the studio's routes. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return `${API}${path}${text === '' ? '' : `?${text}`}`;
}

/** Asks the server. @throws Error with the server's sentence */
export async function get<T>(path: string, params?: Params): Promise<T> {
  return answerOf<T>(await fetch(address(path, params)));
}

/** Changes something. @throws Error with the server's sentence */
export async function post<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return answerOf<T>(await fetch(address(path), { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** Sends a picture as it is. @throws Error with the server's sentence */
export async function postPicture<T>(path: string, params: Params, picture: Blob): Promise<T> {
  const headers = { 'content-type': 'application/octet-stream' };
  return answerOf<T>(await fetch(address(path, params), { method: 'POST', headers, body: picture }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const body = (await response.json()) as T | { readonly error: { readonly message: string } };
  if (response.ok) return body as T;
  throw new Error((body as { readonly error: { readonly message: string } }).error.message);
}

/** What the server answered, what went wrong, and how to ask again. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: string | undefined;
  readonly reload: () => void;
}

/**
 * Asks the server again whenever the address changes, and every few seconds where wanted.
 * @param path undefined asks nothing
 */
export function useAnswer<T>(path: string | undefined, params: Params = {}, seconds?: number): Loaded<T> {
  const [state, setState] = useState<{ readonly for: string; readonly data?: T; readonly error?: string }>({
    for: '',
  });
  const [turn, setTurn] = useState(0);
  const url = path === undefined ? undefined : address(path, params);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    if (url === undefined) return;
    let current = true;
    answer<T>(url).then(
      (data) => current && setState({ for: url, data }),
      (error: unknown) => current && setState({ for: url, error: messageOf(error) }),
    );
    return () => (current = false);
  }, [url, turn]);
  useEffect(() => {
    if (seconds === undefined) return;
    const timer = setInterval(reload, 1000 * seconds);
    return () => clearInterval(timer);
  }, [seconds, reload]);
  const own = state.for === url ? state : undefined;
  return { data: own?.data, error: own?.error, reload };
}

async function answer<T>(url: string): Promise<T> {
  return answerOf<T>(await fetch(url));
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A name in the page's address, such as the chosen run, so that a link or a reload shows the same. */
export function useParam(name: string): readonly [string | undefined, (value: string | undefined) => void] {
  const [value, setValue] = useState(new URLSearchParams(location.search).get(name) ?? undefined);
  const set = useCallback(
    (next: string | undefined) => {
      const url = new URL(location.href);
      if (next === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, next);
      history.replaceState(null, '', url);
      setValue(next);
    },
    [name],
  );
  return [value, set];
}
