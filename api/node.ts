/** The API on Node, with the built page. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { cursorKeys } from '../host/data-folder.ts'
import { main } from '../host/entry.ts'
import { listen } from '../host/listen.ts'
import { packageRoot } from '../host/package-root.ts'
import { createApp } from './app.ts'
import { dependencies } from './dependencies.ts'

const swaggerUi = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')))

const inDocs = (path: string) => path.replace(/^\/docs/, '')

await main(async (settings) => {
  const app = createApp(dependencies(settings, cursorKeys(settings)))
  app.use('/docs/*', serveStatic({ root: swaggerUi, rewriteRequestPath: inDocs }))
  app.use(serveStatic({ root: join(packageRoot, 'clients/web/dist') }))
  await listen({ name: 'API', fetch: app.fetch, portKey: 'api_port', settings })
})
