import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"
import { Html } from "./html.ts"

/** The document that plots are drawn in: nobody ever sees it, only the markup that comes out. */
const documentOf = (): never => parseHTML("<!doctype html><html><body></body></html>").document as never

/** What a plot says to whoever does not see it, and its size in CSS pixels before it is scaled to its place. */
export interface PlotOptions extends Omit<Plot.PlotOptions, "document" | "title" | "ariaLabel"> {
  readonly title: string
}

/**
 * A plot as inline SVG. It takes its colours from the page (`currentColor` and CSS variables), so it is readable on
 * light and dark ground, and it needs no script.
 */
export const plot = ({ title, ...options }: PlotOptions): Html => {
  const drawn = Plot.plot({
    document: documentOf(),
    width: 1040,
    marginLeft: 56,
    marginRight: 16,
    style: { fontSize: "12px", background: "none", fontFamily: "inherit", overflow: "visible" },
    className: "plot",
    ariaLabel: title,
    ...options
  })
  // The library's own rules are in the page's style sheet, once; without a role a screen reader would read every tick.
  const markup = String(drawn.outerHTML)
    .replace(/<style>[\s\S]*?<\/style>/, "")
    .replace("<svg ", '<svg role="img" ')
  return new Html(markup)
}
