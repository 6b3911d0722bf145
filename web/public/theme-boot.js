// Sets language and theme before the first paint; a file of its own because the content security policy allows no inline script.
(function () {
  var d = document.documentElement;
  var read = function (k) { try { return localStorage.getItem(k); } catch (_) { return null; } };
  var theme = read('rapport.theme');
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  d.dataset.theme = dark ? 'dark' : 'light';
  var lang = read('rapport.lang') || ((navigator.language || 'zh').toLowerCase().indexOf('zh') === 0 ? 'zh-CN' : 'en');
  d.lang = lang;
  var files = (document.currentScript || {}).dataset || {};
  var preload = function (list) {
    (list || '').split(' ').forEach(function (file) {
      if (!file) return;
      var link = document.createElement('link');
      if (/\.css$/.test(file)) {
        link.rel = 'preload';
        link.as = 'style';
        // As the scripts ask for it; else it would be fetched twice.
        link.crossOrigin = '';
      } else link.rel = 'modulepreload';
      link.href = file;
      document.head.appendChild(link);
    });
  };
  // The texts of this language are fetched beside the scripts, not after them.
  preload(files[lang === 'en' ? 'en' : 'zh']);
  // So is what follows a sign-in, for whoever was signed in last time: who that is, the model, the workspace; and what the first page asked the
  // last time, its days counted from today (`api/early.ts` writes the questions and takes the answers).
  if (read('rapport.in') === '1' && location.pathname !== '/invitation') {
    var early = (window.rapportEarly = {});
    var ask = function (path) {
      early[path] = fetch('/api/v1' + path, { headers: { Accept: 'application/json', 'Accept-Language': lang }, credentials: 'same-origin' }).then(function (answer) {
        // Read while the scripts are still on their way, not after them.
        if (answer.ok) {
          var body = answer.json();
          body.catch(function () {});
          answer.json = function () { return body; };
        }
        return answer;
      });
      early[path].catch(function () {});
    };
    ['/session', '/meta/model'].forEach(ask);
    preload(files.in);
    if (location.pathname === '/') {
      preload(files.home);
      var now = new Date();
      var asks = [];
      try { asks = JSON.parse(read('rapport.asks')) || []; } catch (_) { /* written by somebody else: nothing is asked */ }
      asks.forEach(function (path) {
        ask(path.replace(/\{(\d+)\}/g, function (_, days) {
          return encodeURIComponent(new Date(now.getFullYear(), now.getMonth(), now.getDate() + Number(days)).toISOString());
        }));
      });
    }
  }
})();
