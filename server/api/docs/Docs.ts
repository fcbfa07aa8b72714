import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { OpenApi } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { page } from "./page.ts"

const securityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The documentation, rendered from the OpenAPI document at its first request; it loads nothing from anywhere. */
export const docsRoute = HttpRouter.use((router) => {
  let html: string | undefined
  return router.add(
    "GET",
    "/docs",
    Effect.sync(() => {
      html ??= page(OpenApi.fromApi(Api))
      return HttpServerResponse.setHeader(HttpServerResponse.html(html), "content-security-policy", securityPolicy)
    })
  )
})
