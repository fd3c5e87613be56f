import { batch } from './batch.ts'
import { compose } from './compose.ts'
import { connect } from './connect.ts'
import { diff } from './diff.ts'
import { library } from './library.ts'
import { problems } from './problems.ts'
import { run } from './run.ts'
import { shell } from './shell.ts'
import { steer } from './steer.ts'
import { worth } from './worth.ts'

export const en = { batch, compose, connect, diff, library, problems, run, shell, steer, worth }
