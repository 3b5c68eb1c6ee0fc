import { expect, it } from 'vitest';

import { start } from './cli.js';

it.each([[['--help']], [['compare', '--help']], [['info', 'mien']]])(
  'mien, given %j, says nothing when the reader of its pipe has gone',
  async (args) => {
    const { child, result } = start(args);
    child.stdout?.destroy();
    expect(await result).toMatchObject({ code: 0, stderr: '' });
  },
);
