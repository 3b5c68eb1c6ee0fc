import { isRunFolder, openRunFolder, readArgs } from './run-folder.js';
import { parseSettings, type TrainSettings } from './settings.js';

/** The settings of a run. @throws InputError when the folder is no run's */
export function settingsOfRun(root: string): TrainSettings {
  const folder = openRunFolder(root);
  return parseSettings(readArgs(folder), folder.args);
}

/** The settings behind a model that is a run folder; undefined for every other. @throws InputError */
export function settingsOfModel(source: string): TrainSettings | undefined {
  return isRunFolder(source) ? settingsOfRun(source) : undefined;
}
