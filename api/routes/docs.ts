/**
 * The API's documentation page: Swagger UI from our own origin. Its two large files,
 * /docs/swagger-ui.css and /docs/swagger-ui-bundle.js, are static files of whoever hosts the app.
 */
import type { App } from '../env.ts'
import { openApiDocument } from '../openapi.ts'

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>tpo-edge API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>
`

const script = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true })\n`

export function docs(app: App): void {
  let document: unknown
  app.get('/openapi.json', (c) => c.json((document ??= openApiDocument(app.openAPIRegistry))))
  app.get('/docs', (c) => c.html(page))
  app.get('/docs/init.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript' }))
}
