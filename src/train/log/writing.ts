import { InputError, messageOf } from '../../core/errors.js';

/** Runs an action that writes to `where`; what the system reports becomes one clear sentence. */
export function writing<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new InputError(
      {
        where,
        received: `"${messageOf(error)}" while writing`,
        expected: 'a writable folder with free space',
        remedy: 'free some space or choose another folder',
      },
      { cause: error },
    );
  }
}
