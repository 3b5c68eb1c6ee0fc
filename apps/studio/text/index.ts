import { en } from './en.js';
import { ko } from './ko.js';

/** Keys of all texts. */
export type TextKey = keyof typeof en;

/** All languages by their code. */
export const LANGUAGES = { en: { name: 'English', words: en }, ko: { name: '한국어', words: ko } } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'mien.language';

/** The language of the last visit, or the browser's, or English. */
export function currentLanguage(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language.slice(0, 2);
  return chosen === 'ko' ? 'ko' : 'en';
}

/** Tells screen readers the language. */
export function startText(): void {
  document.documentElement.lang = currentLanguage();
}

/** Remembers a language; the page is loaded anew, so that every text changes. */
export function setLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  location.reload();
}

/** A text in the person's language, `{name}` replaced by values. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text: string = LANGUAGES[currentLanguage()].words[key];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** A share as percents. */
export function percent(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined ? '–' : `${(100 * value).toFixed(digits)} %`;
}
