# Registro: la primera contraseña.
register-title = Le damos la bienvenida
register-welcome = Le damos la bienvenida, { $name }
register-lead = Le han invitado a <strong>{ $portal }</strong>. Elija una contraseña para completar su registro.
register-login = Nombre de usuario
register-password = Contraseña deseada
register-password-again = Contraseña deseada, otra vez
register-submit = Completar el registro
register-same = Las dos contraseñas coinciden.
register-other = Las dos contraseñas aún no coinciden.
register-mismatch = Las dos contraseñas no son iguales.
    .text = Introduzca su nueva contraseña dos veces, igual ambas veces.

password-needs = Una contraseña necesita:
password-lower = una letra minúscula (a–z)
password-upper = una letra mayúscula (A–Z)
password-digit = un dígito (0–9)
password-special = un carácter especial (como ! # $ %)
password-length = { $number ->
    [one] al menos { $number } carácter
   *[other] al menos { $number } caracteres
}
password-done = (cumplido)
password-missing = (falta todavía)
password-passphrase = A partir de { $number } caracteres vale cualquier mezcla: bastan unas palabras que nadie adivinaría.
password-weak = Elija otra contraseña, por favor.
    .text = Todavía falta lo que está marcado en la lista de abajo.
password-common = Se parece demasiado a una de las contraseñas más usadas, y esas se prueban primero.
password-guessable = Sigue un patrón que se adivina pronto. Es mejor usar palabras sin relación o una contraseña aleatoria.
password-contains-login = Contiene su nombre de usuario.
password-too-long = Es más larga de lo que podemos aceptar.
password-forbidden = Contiene un carácter que no se puede escribir en todas partes, por ejemplo un tabulador.

registered-title = Registro completado
registered-lead = Su contraseña está guardada. Puede cerrar esta página o continuar ahora.
registered-login = Su nombre de usuario
registered-address = Inicie sesión cuando quiera en
registered-next = Cuando inicie sesión por primera vez configurará una aplicación de autenticación. Tenga su teléfono a mano y hágalo como muy tarde el { $date }, en este navegador o con el enlace que recibió.

link-done-title = Ya se ha registrado
link-done-lead = Este enlace ya ha cumplido su función: su contraseña y su aplicación de autenticación están configuradas. Ya no lo necesita.
link-done-not-you = Si no ha sido usted, avise a los responsables de { $brand }.
