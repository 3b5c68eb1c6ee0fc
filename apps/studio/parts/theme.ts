/** What a person may choose; `system` follows the machine. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'mien.theme';

/** The choice of the last visit. */
export function currentTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
}

/** Applies the choice of the last visit. */
export function startTheme(): void {
  apply(currentTheme());
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  apply(theme);
}

function apply(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}
