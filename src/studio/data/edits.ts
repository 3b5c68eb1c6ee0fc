import { existsSync, readFileSync } from 'node:fs';

import { writeFileAtomic } from '../../core/files.js';
import { formatCleanList, parseCleanList } from '../../data/clean-list.js';
import { formatRelabelList, parseRelabelList } from '../../data/relabel-list.js';
import type { DataEdits } from '../api.js';
import type { EditLists } from './edit-lists.js';

/** Names that are left out, and classes by name. */
interface State {
  readonly excluded: ReadonlySet<string>;
  readonly relabelled: ReadonlyMap<string, string>;
}

/** Most steps that can be undone. */
const REMEMBERED = 200;

/**
 * What a person decided about training pictures. Every decision is written to two lists at once, `mien train --exclude` and
 * `--relabel` read them; the pictures are never touched.
 */
export class Edits {
  private state: State;
  private readonly history: State[] = [];

  /** @throws InputError when a list of before is broken */
  constructor(private readonly lists: EditLists) {
    this.state = {
      excluded: new Set(readIf(lists.exclude, (text) => parseCleanList(lists.exclude, text)) ?? []),
      relabelled: readIf(lists.relabel, (text) => parseRelabelList(lists.relabel, text)) ?? new Map(),
    };
  }

  current(): DataEdits {
    const { excluded, relabelled } = this.state;
    return {
      excluded: [...excluded],
      relabelled: Object.fromEntries(relabelled),
      undoable: this.history.length,
    };
  }

  exclude(names: readonly string[]): void {
    this.change({ ...this.state, excluded: new Set([...this.state.excluded, ...names]) });
  }

  /** Takes decisions back: the pictures train again, under their own labels. */
  include(names: readonly string[]): void {
    const kept = (name: string) => !names.includes(name);
    this.change({
      excluded: new Set([...this.state.excluded].filter(kept)),
      relabelled: new Map([...this.state.relabelled].filter(([name]) => kept(name))),
    });
  }

  relabel(names: readonly string[], label: string): void {
    const added = names.map((name) => [name, label] as const);
    this.change({ ...this.state, relabelled: new Map([...this.state.relabelled, ...added]) });
  }

  /** Takes the last step back; nothing where there is none. */
  undo(): void {
    const before = this.history.at(-1);
    if (before === undefined) return;
    this.write(before);
    this.history.pop();
    this.state = before;
  }

  private change(next: State): void {
    this.write(next);
    this.history.push(this.state);
    this.history.splice(0, this.history.length - REMEMBERED);
    this.state = next;
  }

  private write({ excluded, relabelled }: State): void {
    const rows = [...excluded].map((name) => `${name}\tby hand\n`);
    writeFileAtomic(this.lists.exclude, formatCleanList(new Map()) + rows.join(''));
    writeFileAtomic(this.lists.relabel, formatRelabelList(relabelled));
  }
}

function readIf<T>(path: string, parse: (text: string) => T): T | undefined {
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : undefined;
}
