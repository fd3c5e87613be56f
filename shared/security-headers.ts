/** What every answer tells browsers, as options of Hono's `secureHeaders`. */
export const securityHeaders = {
  /** The page and /docs load nothing from elsewhere, run no inline code and stand in no frame. */
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
  xFrameOptions: 'DENY',
}
