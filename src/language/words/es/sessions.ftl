# Dónde tiene sesiones, y qué navegadores son conocidos.
sessions-title = Sesiones y navegadores
sessions-what = Ver dónde tiene sesiones, y cerrarlas en todas partes
sessions-signed-in = Dónde tiene sesiones
sessions-here = Este navegador
sessions-since = Desde { $client }, el { $date }.
sessions-portal-since = En { $portal }, desde { $client }, el { $date }.
sessions-seen = Última actividad: { $ago }.
sessions-seen-now = En uso ahora.
sessions-left = Próximo código { $left }.
sessions-passed = Espera un código.
sessions-end = Terminar
sessions-end-this = Terminar la sesión en { $browser } desde { $client }
sessions-end-others = Terminar todas las demás sesiones
sessions-browsers = Navegadores conocidos
sessions-browsers-what = En estos ya ha completado un inicio de sesión. Si alguien intenta adivinar el acceso a su cuenta, usted puede seguir en ellos.
sessions-browsers-none = No se conoce ningún navegador.
sessions-known = Conocido desde el { $date }, última sesión: { $ago }.
sessions-forget = Olvidar
sessions-forget-this = Olvidar { $browser }, conocido desde el { $date }
sessions-everywhere = Cerrar sesión en todas partes
sessions-everywhere-what = Termina todas las sesiones, también esta, y olvida todos los navegadores. Su contraseña y su aplicación quedan como están.
sessions-stale = Esta página llevaba un rato abierta.
    .text = No se ha cambiado nada. Mírela de nuevo y pulse el botón otra vez.
sessions-ended = Esa sesión ha terminado.
sessions-others-ended = Todas las demás sesiones han terminado.
sessions-forgotten = Ese navegador se ha olvidado.
sessions-over = No quedaba nada que terminar: ya había acabado.
sessions-signed-out = Se han cerrado todas sus sesiones, y ya no se conoce ningún navegador.
sessions-browser-on = { $browser } en { $system }
sessions-browser-only = { $browser }
sessions-browser-some = Un navegador en { $system }
sessions-browser-none = Un navegador sin nombre
sessions-just-now = ahora mismo
sessions-minutes-ago = { $number ->
    [one] hace { $number } minuto
   *[other] hace { $number } minutos
}
sessions-hours-ago = { $number ->
    [one] hace { $number } hora
   *[other] hace { $number } horas
}
sessions-days-ago = { $number ->
    [one] hace { $number } día
   *[other] hace { $number } días
}
