// What the tests drive: the package as a bundler takes it.
import { InputError, load } from 'mienjs/web';
import { defineMienCamera } from 'mienjs/web/camera';

Object.assign(globalThis, { mienWeb: { load, InputError, defineMienCamera } });
