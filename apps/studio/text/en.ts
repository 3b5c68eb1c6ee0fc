/** Every text of the page, in English. */
export const en = {
  studio: 'Mien studio',
  skip: 'Go to the content',
  navigation: 'Pages',
  theme: 'Theme',
  'theme.system': 'System',
  'theme.light': 'Light',
  'theme.dark': 'Dark',
  language: 'Language',
  loading: 'Loading…',
  'page.runs': 'Runs',
  'page.evaluation': 'Evaluation',
  'page.explain': 'Explain',
  'page.try': 'Try',
  'page.data': 'Data',
  'page.export': 'Export',
} as const;
