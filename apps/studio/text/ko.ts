import type { en } from './en.js';

/** Every text of the page, in Korean. */
export const ko: Readonly<Record<keyof typeof en, string>> = {
  studio: 'Mien 스튜디오',
  skip: '본문으로 건너뛰기',
  navigation: '페이지',
  theme: '테마',
  'theme.system': '시스템',
  'theme.light': '밝게',
  'theme.dark': '어둡게',
  language: '언어',
  loading: '불러오는 중…',
  'page.runs': '학습',
  'page.evaluation': '평가',
  'page.explain': '설명',
  'page.try': '사용해 보기',
  'page.data': '데이터',
  'page.export': '내보내기',
};
