/* Draws the charts of the dashboards. The tables below them say the same, so without this file nothing is missing. */
(function () {
  "use strict";

  var locale = document.documentElement.lang || "id";
  var probe = document.createElement("span");
  probe.hidden = true;
  document.body.appendChild(probe);

  /* A colour of the design in the present theme: a canvas knows neither names nor light and dark. */
  function named(colour) {
    probe.style.color = "var(--" + colour + ")";
    return window.getComputedStyle(probe).color;
  }

  function bar(series, chart) {
    return {
      label: series.label,
      data: series.values,
      backgroundColor: named("bar-" + series.colour),
      borderRadius: 2,
      maxBarThickness: chart.across ? 18 : 30,
      categoryPercentage: 0.75,
      barPercentage: 0.9
    };
  }

  function options(chart) {
    var counts = { stacked: chart.stacked, beginAtZero: true, border: { display: false },
                   grid: { color: named("line") }, ticks: { precision: chart.unit ? undefined : 0, maxTicksLimit: 6 },
                   title: { display: Boolean(chart.unit), text: chart.unit } };
    var names = { stacked: chart.stacked, grid: { display: false },
                  ticks: { autoSkip: !chart.across, maxRotation: 0 } };
    return {
      locale: locale,
      animation: false,
      maintainAspectRatio: false,
      indexAxis: chart.across ? "y" : "x",
      interaction: { mode: "index", axis: chart.across ? "y" : "x", intersect: false },
      scales: chart.across ? { x: counts, y: names } : { x: names, y: counts },
      plugins: {
        legend: { display: chart.series.length > 1, position: "bottom", align: "start",
                  labels: { boxWidth: 12, boxHeight: 12, padding: 14 } }
      }
    };
  }

  /* On a phone a long name stands in two lines beside its bar. */
  function wrapped(name) {
    var space = name.indexOf(" ", Math.floor(name.length / 3));
    return name.length > 18 && space > 0 ? [name.slice(0, space), name.slice(space + 1)] : name;
  }

  function draw(canvas) {
    var chart = JSON.parse(canvas.getAttribute("data-chart"));
    var frame = canvas.parentElement;
    frame.hidden = false;
    var narrow = chart.across && frame.clientWidth < 420;
    if (chart.across) {
      var perLabel = chart.stacked ? 30 : 16 * chart.series.length + 12;
      frame.style.height = 90 + Math.max(perLabel, narrow ? 42 : 0) * chart.labels.length + "px";
    }
    new window.Chart(canvas, {
      type: "bar",
      data: {
        labels: narrow ? chart.labels.map(wrapped) : chart.labels,
        datasets: chart.series.map(function (series) { return bar(series, chart); })
      },
      options: options(chart)
    });
    canvas.setAttribute("data-drawn", "");
  }

  if (!window.Chart) {
    return;
  }
  window.Chart.defaults.color = named("muted");
  window.Chart.defaults.font.family = window.getComputedStyle(document.body).fontFamily;
  window.Chart.defaults.font.size = 12;
  document.querySelectorAll("canvas[data-chart]").forEach(draw);
})();
