/**
 * @file The page to try a server by. It loads nothing from anywhere.
 */

/** What browsers are told that the page may do: show what it was given, and ask this server. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page; `explains` tells whether there are maps. */
export function tryPage(explains: boolean): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fovea: try it</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  form { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
  button, input { font: inherit; max-width: 100%; }
  ol { padding: 0; list-style: none; display: grid; gap: 1rem; }
  li { display: flex; flex-wrap: wrap; gap: 1rem; border-top: 1px solid #8888; padding-top: 1rem; }
  img { width: 12rem; height: 12rem; object-fit: contain; background: #8882; }
  table { border-spacing: 0; } td { padding-right: 1rem; font-variant-numeric: tabular-nums; }
  li p { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
  #error { color: #c22; } .found { font-weight: 600; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8882; padding: 1rem; }
</style>
<h1>fovea</h1>
<p>Choose JPEG or PNG images. They go to this server and nowhere else. No medical advice.</p>
<form>
  <input type="file" name="images" accept="image/jpeg,image/png" multiple required aria-label="images">
  ${explains ? '<label><input type="checkbox" name="explain"> show where it sees that</label>' : ''}
  <button>Classify</button>
</form>
<p id="error" role="alert"></p>
<ol id="results" aria-live="polite"></ol>
<h2>From a program</h2>
<pre>curl --data-binary @photograph.jpg --header 'Content-Type: image/jpeg' <span id="here"></span>/predict
curl --form images=@one.jpg --form images=@two.png '<span id="there"></span>/predict'</pre>
<p><a href="openapi.json">openapi.json</a> · <a href="metrics">metrics</a> · <a href="healthz">healthz</a></p>
<script>
  const [form] = document.forms;
  const at = (id) => document.getElementById(id);
  at('here').textContent = at('there').textContent = location.origin;
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  async function show(files, predictions, names) {
    at('results').replaceChildren(...predictions.map((prediction, i) => {
      const rows = prediction.probabilities.map((probability, label) => make('tr',
        { className: label === prediction.class ? 'found' : '' },
        make('td', { textContent: names[label] ?? 'class ' + label }),
        make('td', { textContent: probability.toFixed(4) })));
      const picture = make('img', { src: prediction.map ?? URL.createObjectURL(files[i]), alt: prediction.image });
      return make('li', {}, picture, make('div', {}, make('p', { textContent: prediction.image }), make('table', {}, ...rows)));
    }));
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const [button] = form.getElementsByTagName('button');
    button.disabled = true;
    at('error').textContent = '';
    try {
      const { files } = form.elements.images;
      const body = new FormData();
      for (const file of files) body.append('images', file);
      const explain = form.elements.explain?.checked ? '?explain=true' : '';
      const response = await fetch('predict' + explain, { method: 'POST', body });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
      await show(files, answer.predictions, answer.classes);
    } catch (error) {
      at('error').textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
</script>
`;
}
