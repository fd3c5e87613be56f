/**
 * Runs schemathesis (`pip install schemathesis`), which makes requests from our own OpenAPI
 * document and holds the answers against it. The API is the real one, its upstreams are fakes.
 * Arguments go on to `st run`, such as `--max-examples 500`; SCHEMATHESIS says where `st` is.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openHouse } from '../api/house.ts'

const house = await openHouse()
const st = spawn(
  process.env['SCHEMATHESIS'] ?? 'st',
  [
    `--config-file=${join(import.meta.dirname, 'schemathesis.toml')}`,
    'run',
    `${house.url}/openapi.json`,
    '--phases=examples,coverage,fuzzing',
    '--continue-on-failure',
    '--request-timeout=60',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
st.on('error', () => {
  console.error(
    'schemathesis is not there; pip install schemathesis, or set SCHEMATHESIS to its st',
  )
  process.exit(1)
})
const [code] = await once(st, 'exit')
for (const fault of house.faults) console.error('a fault of the API:', fault)
await house.close()
process.exit(house.faults.length > 0 ? 1 : Number(code ?? 1))
