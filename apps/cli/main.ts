#!/usr/bin/env node
import { outliveReader } from './output.js';
import { run } from './run.js';

outliveReader();
process.exitCode = await run(process.argv);
