export { alignTable, groupDigits, shorten } from '../core/table.js';
