/** The look of the documentation, light and dark as the reader's system is. */
export const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e4e8ee); --dim: light-dark(#566174, #9aa6b8);
  --line: light-dark(#dde2ea, #2d3644); --ground: light-dark(#ffffff, #12161d); --raised: light-dark(#f5f7fa, #1a2029);
  --link: light-dark(#0b57d0, #8ab4f8); --get: light-dark(#0a6b3d, #6fd3a0); --post: light-dark(#0b57d0, #8ab4f8);
  --change: light-dark(#8a5300, #f0b65c); }
* { box-sizing: border-box }
body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.55 system-ui, sans-serif;
  display: grid; grid-template-columns: 270px minmax(0, 1fr) }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 20px; border-right: 1px solid var(--line);
  background: var(--raised); font-size: 13.5px }
nav h2 { font-size: 12px; text-transform: uppercase; letter-spacing: .06em; margin: 18px 0 4px; color: var(--dim) }
nav a { display: block; padding: 2px 0; color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
main { padding: 28px 40px 80px; max-width: 1000px }
h1 { margin: 0; font-size: 28px } h2 { margin: 44px 0 6px; font-size: 22px; border-bottom: 1px solid var(--line) }
h3 { margin: 30px 0 4px; font-size: 16px; overflow-wrap: anywhere }
h4 { margin: 16px 0 4px; font-size: 13px; color: var(--dim) }
p { margin: 4px 0 } a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
code, pre, textarea, input { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace }
code { background: var(--raised); border-radius: 4px; padding: 1px 4px; overflow-wrap: anywhere }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 10px; overflow: auto;
  max-height: 420px; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: 6px 0 }
th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-top: 1px solid var(--line); font-weight: 400 }
th { width: 30% } td p, small, .bounds { color: var(--dim); font-size: 13.5px }
.method { font: 600 12px ui-monospace, monospace; margin-right: 8px } .get { color: var(--get) } .post { color: var(--post) }
.patch, .put { color: var(--change) } details { margin: 6px 0 } summary { cursor: pointer; color: var(--link) }
.alternatives { padding-left: 18px } label { display: block; margin: 6px 0; font-size: 13.5px }
input, textarea { width: 100%; padding: 6px 8px; color: inherit; background: var(--ground); border: 1px solid var(--line);
  border-radius: 6px } textarea { min-height: 120px }
button { font: inherit; padding: 5px 14px; border-radius: 6px; border: 1px solid var(--line); background: var(--raised);
  color: inherit; cursor: pointer }
@media (max-width: 800px) { body { display: block } nav { position: static; height: auto } main { padding: 20px } }
@media print { nav, .try { display: none } body { display: block } }
`
