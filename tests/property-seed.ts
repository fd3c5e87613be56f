/**
 * `npm test` tries the same examples on every machine, so that a change alone can make it fail;
 * `npm run test:long` looks for new ones.
 */
import { configureGlobal } from 'fast-check'

if (process.env['MODE'] !== 'long') configureGlobal({ seed: 20261122 })
