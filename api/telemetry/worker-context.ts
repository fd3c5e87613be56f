/** What workerd has of Node for this: the spans of a request follow its asynchronous work. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api'

export function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, work, self, ...rest) => storage.run(context, () => work.call(self, ...rest)),
    // Nobody here binds.
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
