/* Runs first, as a file of its own (scripts/finish.mjs): style elements made in the browser get the nonce that the server put into the page, so that its
   Content-Security-Policy can refuse all others. Taro makes its own before the client's code runs. */
(function () {
  var meta = document.querySelector('meta[property="csp-nonce"]')
  var nonce = meta && (meta.nonce || meta.getAttribute('nonce'))
  if (!nonce) return
  var make = Document.prototype.createElement
  Document.prototype.createElement = function (name) {
    var element = make.apply(this, arguments)
    if (String(name).toLowerCase() === 'style') element.nonce = nonce
    return element
  }
})()
!function(n){function f(){var e=n.document.documentElement,r=e.getBoundingClientRect(),width=r.width,height=r.height,arr=[width,height].filter(function(value){return Boolean(value)}),w=Math.min.apply(Math,arr),x=20*w/375;e.style.fontSize=x>=40?"40px":x<=20?"20px":x+"px"}; n.addEventListener("resize",(function(){f();setTimeout(f,500)})),f()}(window);