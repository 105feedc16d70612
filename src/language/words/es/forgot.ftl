# Una contraseña olvidada, de la pregunta a la nueva; y «No he sido yo» en los correos.
forgot-link = ¿Ha olvidado su contraseña?
forgot-title = ¿Ha olvidado su contraseña?
forgot-lead = Introduzca la dirección de correo con la que inicia sesión. Si pertenece a una cuenta, le enviaremos un enlace para elegir una contraseña nueva.
forgot-login = Dirección de correo
forgot-submit = Enviar el enlace
forgot-back = Volver al inicio de sesión
forgot-late = Espere un poco.
    .text = Se han pedido demasiados enlaces desde su red. Puede volver a intentarlo { $wait }.
forgot-sent-title = Mire en su buzón
forgot-sent = Si una cuenta tiene la dirección <strong>{ $login }</strong>, hay un correo en camino.
forgot-sent-next = El enlace que contiene sirve durante 30 minutos. Si no llega nada, compruebe la dirección y la carpeta de correo no deseado, y vuelva a intentarlo en unos minutos.
forgot-ask-title = Una contraseña nueva
forgot-ask = Este sitio no envía correos. Pida una contraseña nueva a los responsables de { $brand }.

reset-title = Elija una contraseña nueva
reset-lead = Elija una contraseña nueva para su cuenta.
reset-ends = Se cerrará su sesión en todas partes. Su aplicación de autenticación sigue siendo la misma.
reset-login = Nombre de usuario
reset-password = Contraseña nueva
reset-password-again = Contraseña nueva, otra vez
reset-submit = Guardar la contraseña nueva
reset-done-title = Su contraseña nueva está guardada
reset-done = Se ha cerrado su sesión en todas partes. Puede cerrar esta página o iniciar sesión ahora, con la contraseña nueva y un código de su aplicación.
reset-gone-title = Este enlace ya no funciona
reset-gone = Ha caducado, se ha usado o ha sido sustituido por uno más reciente.
reset-gone-again = Pedir un enlace nuevo

not-me-title = ¿No ha sido usted?
not-me-lead = Puede congelar la cuenta <strong>{ $login }</strong>. Se cierran todas las sesiones de inmediato y nadie puede iniciar sesión, tampoco usted, hasta que los responsables de { $brand } le devuelvan el acceso.
not-me-submit = Congelar mi cuenta
not-me-stay = Si ha sido usted, cierre esta página. No ha cambiado nada.
not-me-done-title = Su cuenta está congelada
not-me-done = Ya no hay nadie dentro. Cuente ahora a los responsables de { $brand } lo que ha pasado; ellos pueden devolverle el acceso.
not-me-gone-title = Este enlace ya no funciona
not-me-gone = Ha caducado o se ha usado. Si cree que otra persona está en su cuenta, dígaselo a los responsables de { $brand }.
