/** Manifests of Kubernetes, as far as the tests look into them. */
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const Labels = z.record(z.string(), z.string())
const Selector = z.object({
  matchLabels: Labels.default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
})
type Selector = z.output<typeof Selector>

const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }).optional() })
const Container = z.object({
  image: z.string(),
  env: z
    .array(
      z.object({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z
          .object({
            secretKeyRef: z
              .object({ name: z.string(), key: z.string(), optional: z.boolean().optional() })
              .optional(),
          })
          .optional(),
      }),
    )
    .default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  securityContext: z.unknown(),
  startupProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  livenessProbe: Probe,
  lifecycle: z
    .object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) })
    .optional(),
})
const meta = z.object({ name: z.string(), namespace: z.string().optional() })

const workload = <K extends string>(kind: K) =>
  z.object({
    kind: z.literal(kind),
    metadata: meta,
    spec: z.object({
      template: z.object({
        metadata: z.object({ labels: Labels, annotations: Labels.default({}) }),
        spec: z.object({
          automountServiceAccountToken: z.boolean(),
          enableServiceLinks: z.boolean(),
          securityContext: z.object({ runAsUser: z.number() }).loose(),
          terminationGracePeriodSeconds: z.number().default(30),
          containers: z.tuple([Container]),
        }),
      }),
    }),
  })

const Service = z.object({
  kind: z.literal('Service'),
  metadata: meta,
  spec: z.object({
    selector: Labels,
    ports: z.array(z.object({ port: z.number(), targetPort: z.string() })),
  }),
})
const ConfigMap = z.object({ kind: z.literal('ConfigMap'), metadata: meta, data: Labels })
const Budget = z.object({
  kind: z.literal('PodDisruptionBudget'),
  metadata: meta,
  spec: z.object({ selector: Selector }),
})
const MetricName = z.object({ metric: z.object({ name: z.string() }) })
const Autoscaler = z.object({
  kind: z.literal('HorizontalPodAutoscaler'),
  metadata: meta,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    metrics: z.array(z.object({ pods: MetricName.optional(), external: MetricName.optional() })),
  }),
})
const peers = z
  .array(
    z.object({
      podSelector: Selector.optional(),
      namespaceSelector: z.unknown().optional(),
      ipBlock: z.unknown().optional(),
    }),
  )
  .optional()
const ports = z.array(z.object({ port: z.number() }))
const NetworkPolicy = z.object({
  kind: z.literal('NetworkPolicy'),
  metadata: meta,
  spec: z.object({
    podSelector: Selector,
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
    ingress: z.array(z.object({ from: peers, ports })).default([]),
    egress: z.array(z.object({ to: peers, ports })).default([]),
  }),
})
const Other = z.object({ kind: z.literal('Namespace'), metadata: meta })

const Manifest = z.discriminatedUnion('kind', [
  workload('Deployment'),
  workload('StatefulSet'),
  Service,
  ConfigMap,
  Budget,
  Autoscaler,
  NetworkPolicy,
  Other,
])
export type Manifest = z.output<typeof Manifest>
export type Workload = Extract<Manifest, { kind: 'Deployment' | 'StatefulSet' }>

export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => Manifest.parse(document.toJS()))

export const selects = (selector: Selector, labels: Record<string, string>): boolean =>
  Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
  selector.matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
