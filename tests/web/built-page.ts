/** Builds the page before any test of it: two at once would empty each other's folder. */
export { buildPage as setup } from '../../host/page.ts'
